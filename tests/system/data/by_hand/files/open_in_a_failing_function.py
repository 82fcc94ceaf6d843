def train():
    log = open("log.txt", "w")
    log.write("epoch 1\n")
    raise ValueError("diverged")


train()
