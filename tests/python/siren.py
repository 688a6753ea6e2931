"""A siren's controller by others' hands (pymodbus): coil 0 switches, discrete input 0 is the feedback.

usage: siren.py FOLDER. The port is the first line it prints. The word in FOLDER/siren-mode says how it
is: `good` (the feedback follows at the second look), `dead` (it stays off), `stuck` (it is always on).
Every write of the coil is a line in FOLDER/writes.
"""

import asyncio
import os
import sys

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

folder = sys.argv[1]
READ_INPUTS, WRITE_COIL = 2, 5
is_on = False
# What the feedback says, and what it says after one more look.
told = False


async def on_request(function, start, address, _count, registers, written):
    """Called by pymodbus before it reads or writes its own bits."""
    global is_on, told
    # A write is read back by pymodbus under the same function.
    if function == WRITE_COIL and written:
        is_on = bool(written[0])
        with open(os.path.join(folder, "writes"), "a") as lines:
            lines.write("on\n" if is_on else "off\n")
    if function == READ_INPUTS:
        with open(os.path.join(folder, "siren-mode")) as file:
            mode = file.read().strip()
        says = {"good": told, "dead": False, "stuck": True}[mode]
        registers[address - start] = int(says)
        told = is_on


async def main():
    def bits():
        return [SimData(0, count=16, values=False, datatype=DataType.BITS)]

    words = [SimData(0, count=1, datatype=DataType.REGISTERS)]
    device = SimDevice(1, simdata=(bits(), bits(), words, words), action=on_request)
    server = ModbusTcpServer(device, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


asyncio.run(main())
