import multiprocessing


def copy(queue):
    with open("received", "w") as file:
        file.write(str(len(queue.get())))


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    context.Process(target=copy, args=(queue,)).start()
    queue.put("x" * 1_000_000)
