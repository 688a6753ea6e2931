"""A line with several slaves by a second maker's hand: pymodbus with RTU frames, told over stdin
how to behave.

Usage: modbus_line.py tcp|pty UNIT...    one line, one slave a unit

The first line on stdout is {"port": N} or {"path": "/dev/pts/N"}. Then every line on stdin is a
command and gets one line as its answer:
  {"unit": 3, "float": {"2": 1.5}}       float32, low word first, at that address
  {"unit": 3, "registers": {"0": 1}}     single registers
  {"unit": 3, "clock": 9}                a register that counts seconds
  {"unit": 3, "silent": true}            it hears and says nothing
  {"unit": 3, "delay_ms": 40}            it answers so much later
  {"unit": 3, "hole": 4}                 exception 2 to whoever asks for this register; null ends it
  {"door": "shut" | "open"}              tcp only: the port is closed with its lines, or is back
Answer: {"requests": N of that unit, "connects": N of the line}
Ends at the end of stdin, so that it never outlives the test.
"""

import asyncio
import json
import os
import sys
import time
import tty

from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

REGISTERS = 128


class Slave:
    """One slave: its registers and what it does with the next request."""

    def __init__(self, unit):
        self.registers = {}
        self.clock = None
        self.silent = False
        self.hole = None
        self.delay_ms = 0
        self.requests = 0
        self.device = SimDevice(
            unit,
            SimData(0, count=REGISTERS, datatype=DataType.REGISTERS),
            action=self.on_request,
        )

    async def on_request(self, _function, start, address, count, registers, _written):
        """Called by pymodbus before it reads its own registers."""
        self.requests += 1
        await asyncio.sleep(self.delay_ms / 1000)
        if self.hole is not None and address <= self.hole < address + count:
            return ExcCodes.ILLEGAL_ADDRESS
        for at, value in self.registers.items():
            registers[at - start] = value
        if self.clock is not None:
            registers[self.clock - start] = int(time.monotonic()) & 0xFFFF
        return None

    def obey(self, command):
        """Changes all at once: no request is answered in between."""
        for address, value in command.get("float", {}).items():
            words = ModbusClientMixin.convert_to_registers(
                float(value), ModbusClientMixin.DATATYPE.FLOAT32, word_order="little"
            )
            for offset, word in enumerate(words):
                self.registers[int(address) + offset] = word
        for address, value in command.get("registers", {}).items():
            self.registers[int(address)] = value
        self.clock = command.get("clock", self.clock)
        self.silent = command.get("silent", self.silent)
        self.hole = command.get("hole", self.hole)
        self.delay_ms = command.get("delay_ms", self.delay_ms)


class Line:
    """The slaves behind one port, and the port."""

    def __init__(self, units):
        self.slaves = {unit: Slave(unit) for unit in units}
        self.connects = 0
        self.server = None
        self.shut_port = 0

    async def open(self, port):
        """Listens; the same port again after it was shut."""
        self.server = ModbusTcpServer(
            [slave.device for slave in self.slaves.values()],
            framer=FramerType.RTU,
            address=("127.0.0.1", port),
            ignore_missing_devices=True,
            trace_packet=self.on_packet,
            trace_connect=self.on_connect,
        )
        await self.server.serve_forever(background=True)

    def port(self):
        """Where it listens."""
        return self.server.transport.sockets[0].getsockname()[1]

    def on_packet(self, sending, data):
        """Called by pymodbus with the bytes on their way."""
        silent = sending and data and self.slaves[data[0]].silent
        return b"" if silent else data

    def on_connect(self, connected):
        """Called by pymodbus when a client has come or gone."""
        self.connects += int(connected)

    async def obey(self, command):
        """One command."""
        if "door" in command:
            if command["door"] == "shut":
                self.shut_port = self.port()
                await self.server.shutdown()
            else:
                await self.open(self.shut_port)
            return {"requests": 0, "connects": self.connects}
        slave = self.slaves[command["unit"]]
        slave.obey(command)
        return {"requests": slave.requests, "connects": self.connects}


async def terminal(port):
    """A pseudo-terminal whose bytes go to the port and back; gives the path to open."""
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop.add_reader(master, lambda: writer.write(os.read(master, 256)))

    async def back():
        while data := await reader.read(256):
            os.write(master, data)

    # The other side stays open, or the terminal would hang up between two openings.
    return path, asyncio.create_task(back()), slave


def say(answer):
    """One line of JSON."""
    print(json.dumps(answer), flush=True)


async def main(kind, units):
    """Serves until stdin ends."""
    line = Line(units)
    await line.open(0)
    if kind == "pty":
        path, _task, _slave = await terminal(line.port())
        say({"path": path})
    else:
        say({"port": line.port()})
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while command := await reader.readline():
        say(await line.obey(json.loads(command)))


asyncio.run(main(sys.argv[1], [int(unit) for unit in sys.argv[2:]]))
