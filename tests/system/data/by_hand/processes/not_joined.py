import multiprocessing


def write(name):
    with open(name, "w") as file:
        file.write(name)


if __name__ == "__main__":
    for method in ("fork", "spawn"):
        multiprocessing.get_context(method).Process(target=write, args=(method,)).start()
