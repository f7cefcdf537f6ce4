"""What rp2040js needs besides: a boot ROM and a program that runs it."""
