mine = "selectors"
