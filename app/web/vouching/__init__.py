"""The pages of those who vouch or bring data: clerk, keys, devices, files."""
