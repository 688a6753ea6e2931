"""An edge node by another author's hand: pysparkplug, told over stdin what to send.

Usage: sparkplug_node.py PORT GROUP NODE DEVICE

The device is born with Gas/Value = 0.1 (Double, alias 1, no unit: pysparkplug has no properties) and
Gas/Status = "ok" (alias 2). Every line on stdin is a command and gets one line as its answer:
  {"ppm": 1.5}                          data by name
  {"ppm": 1.5, "at_ms": 1, "past": true}    kept since then, is_historical
  {"ppm": null}                         is_null
  {"status": "cal"}                     the device's word about itself, with the last value
  {"lose": 1}                           that many messages are counted and not sent
  {"crash": true}                       the process ends without a word
Answer: {"at_ms": wall clock, "births": N}. The command for births is answered by them.
Ends at the end of stdin, so that it never outlives the test.
"""

import json
import os
import sys
import time

import pysparkplug as psp


class Node:
    """One edge node with one device."""

    def __init__(self, port, group, node, device):
        self.device = device
        self.births = 0
        self.value = 0.1
        self.status = "ok"
        self.client = psp.Client()
        self.edge = psp.EdgeNode(group, node, (self.rebirth_metric(),), self.client, self.command)
        self.edge.register(psp.Device(device, self.metrics(now_ms())))
        self.edge.connect("127.0.0.1", port=port)

    @staticmethod
    def rebirth_metric():
        return psp.Metric(now_ms(), "Node Control/Rebirth", psp.DataType.BOOLEAN, value=False)

    def metrics(self, at_ms, past=False):
        """The two metrics of the device as they are."""
        return (
            psp.Metric(
                at_ms,
                "Gas/Value",
                psp.DataType.DOUBLE,
                value=self.value,
                alias=1,
                is_historical=past,
                is_null=self.value is None,
            ),
            psp.Metric(
                at_ms,
                "Gas/Status",
                psp.DataType.STRING,
                value=self.status,
                alias=2,
                is_historical=past,
            ),
        )

    def command(self, edge, message):
        """pysparkplug leaves the births that are asked for to its user."""
        names = [metric.name for metric in message.payload.metrics]
        if "Node Control/Rebirth" in names:
            self.births += 1
            edge._client._client.on_connect(edge._client._client, {}, {}, 0)

    def do(self, command):
        """One command."""
        if command.get("crash"):
            os._exit(0)
        for _ in range(command.get("lose", 0)):
            edge_seq(self.edge)
        if "ppm" in command or "status" in command:
            self.value = command.get("ppm", self.value)
            self.status = command.get("status", self.status)
            past = command.get("past", False)
            at_ms = command.get("at_ms", now_ms())
            self.edge.update_device(self.device, tuple(reversed(self.metrics(at_ms, past))))


def edge_seq(edge):
    """Takes a sequence number without sending anything."""
    return edge._seq


def now_ms():
    return int(time.time() * 1000)


def main():
    port, group, node, device = sys.argv[1:]
    edge = Node(int(port), group, node, device)
    for line in sys.stdin:
        edge.do(json.loads(line))
        print(json.dumps({"at_ms": now_ms(), "births": edge.births}), flush=True)


main()
