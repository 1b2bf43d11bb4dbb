"""Market [2.1] [3.2]: merchants, their stock, and the orders that serve needs for goods."""
