"""A network of several validators on this machine, as city, associations and companies run one.

For tests and for looking at: it starts geth with Clique, which needs no package but its own. What
a city runs is a QBFT network of Besu nodes on machines of different bodies; docs/network says what
is the same there and what is not, docs/adr/0033 why this node.
"""
