import gc

gc.freeze()
frozen = open("frozen.txt", "w")
frozen.write("frozen")
gc.unfreeze()
gc.set_threshold(1)
gc.callbacks.append(lambda phase, info: None)
gc.disable()
