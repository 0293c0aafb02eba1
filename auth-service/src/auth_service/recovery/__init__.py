"""What people reach from a mail: proving an address, changing it, and a new password for a forgotten one."""
