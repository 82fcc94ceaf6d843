import multiprocessing

if __name__ == "__main__":
    pool = multiprocessing.get_context("fork").Pool(2)
    print(pool.map(abs, [-1, -2]))
