def main():
    print("entry")
