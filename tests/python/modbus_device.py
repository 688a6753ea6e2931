"""Analyzers by a second maker's hand: pymodbus TCP servers, told over stdin how to behave.

Usage: modbus_device.py NAME...    one server a name, each on a free port of 127.0.0.1

The first line on stdout is {"ports": {NAME: PORT}}. Then every line on stdin is a command and gets
one line as its answer:
  {"device": NAME, "float": {"2": 1.5}}      float32, low word first, at that address
  {"device": NAME, "registers": {"0": 1}}    single registers
  {"device": NAME, "clock": 9}               a register that counts seconds
  {"device": NAME, "mode": "normal" | "hang" | "close" | "garbage"}
  {"device": NAME, "mode": "exception", "code": 4}
Answer: {"at_ms": wall clock when it took effect, "connects": N, "requests": N}
Ends at the end of stdin, so that it never outlives the test.
"""

import asyncio
import json
import sys
import time

from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

REGISTERS = 128
GARBAGE = b"\xff\x00 this is no Modbus \x00\xff"


class Analyzer:
    """One device: its registers and how it behaves at the next request."""

    def __init__(self):
        self.registers = {}
        self.clock = None
        self.mode = "normal"
        self.code = 0
        self.connects = 0
        self.requests = 0
        device = SimDevice(
            1,
            SimData(0, count=REGISTERS, datatype=DataType.REGISTERS),
            action=self.on_request,
        )
        self.server = ModbusTcpServer(
            device,
            address=("127.0.0.1", 0),
            trace_packet=self.on_packet,
            trace_connect=self.on_connect,
        )

    def port(self):
        """Where it listens."""
        return self.server.transport.sockets[0].getsockname()[1]

    async def on_request(self, _function, start, _address, _count, registers, _written):
        """Called by pymodbus before it reads its own registers."""
        self.requests += 1
        for address, value in self.registers.items():
            registers[address - start] = value
        if self.clock is not None:
            registers[self.clock - start] = int(time.monotonic()) & 0xFFFF
        if self.mode == "hang":
            await asyncio.Future()
        if self.mode == "exception":
            return ExcCodes(self.code)
        if self.mode == "close":
            for connection in list(self.server.active_connections.values()):
                connection.close()
            await asyncio.Future()
        return None

    def on_packet(self, sending, data):
        """Called by pymodbus with the bytes on their way."""
        return GARBAGE if sending and self.mode == "garbage" else data

    def on_connect(self, connected):
        """Called by pymodbus when a client has come or gone."""
        self.connects += int(connected)

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
        self.mode = command.get("mode", self.mode)
        self.code = command.get("code", self.code)
        return {"at_ms": time.time() * 1000, "connects": self.connects, "requests": self.requests}


def say(answer):
    """One line of JSON."""
    print(json.dumps(answer), flush=True)


async def main(names):
    """Serves until stdin ends."""
    analyzers = {name: Analyzer() for name in names}
    for analyzer in analyzers.values():
        await analyzer.server.serve_forever(background=True)
    say({"ports": {name: analyzer.port() for name, analyzer in analyzers.items()}})
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        command = json.loads(line)
        say(analyzers[command["device"]].obey(command))


asyncio.run(main(sys.argv[1:]))
