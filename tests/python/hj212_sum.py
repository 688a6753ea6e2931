"""Reads frames of HJ 212 from its input and ends with 1 where length or checksum is wrong.

The checksum is that of HJ 212-2017, appendix A, written from its text.
"""

import sys


def checksum(data: bytes) -> int:
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= 0xA001
    return register


def main() -> int:
    standard = (
        b"QN=20160801085857223;ST=32;CN=1062;PW=100000;"
        b"MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    )
    if checksum(standard) != 0x1C80:
        return 2
    for line in sys.stdin.buffer.read().split(b"\r\n")[:-1]:
        data = line[6:-4]
        if line != b"##%04d" % len(data) + data + b"%04X" % checksum(data):
            sys.stderr.write(f"wrong: {line!r}\n")
            return 1
    return 0


sys.exit(main())
