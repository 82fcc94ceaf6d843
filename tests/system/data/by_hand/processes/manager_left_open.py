import multiprocessing

if __name__ == "__main__":
    manager = multiprocessing.get_context("fork").Manager()
    shared = manager.dict(a=1)
    print(dict(shared))
