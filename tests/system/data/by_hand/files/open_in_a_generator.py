def epochs():
    try:
        with open("epochs.txt", "w") as file:
            for epoch in range(10):
                file.write(f"{epoch}\n")
                yield epoch
    finally:
        print("closed")


running = epochs()
next(running)
next(running)
