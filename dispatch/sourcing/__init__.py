"""Which shop gives what to which basket: few shops, fair shares of what is scarce, and the price."""
