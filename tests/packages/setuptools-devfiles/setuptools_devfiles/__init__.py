def main():
    import platform

    print(platform.machine())
