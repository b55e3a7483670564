"""The whole system on one machine with nothing installed: database, node, and their supervisor.

Everything lies under CIVIS_HOME and listens on loopback only. No part outlives the supervisor,
however it ends.
"""
