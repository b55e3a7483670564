"""The access log provable: sealed every minute, rooted on the chain daily, checked by three."""
