class Late:
    def __del__(self):
        import this_module_is_nowhere


kept = Late()
