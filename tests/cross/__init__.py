"""Cross Pythons: does every program see the host?"""
