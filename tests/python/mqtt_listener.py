"""Somebody who listens at a broker, by others' hands (paho).

usage: mqtt_listener.py PORT FILE. Prints a line once it listens; every message is a line of JSON in FILE.
"""

import json
import sys

import paho.mqtt.client as mqtt

port, file = int(sys.argv[1]), sys.argv[2]


def on_connect(client, *_):
    client.subscribe("siskin/#", qos=1)


def on_subscribe(*_):
    print("listens", flush=True)


def on_message(_client, _data, message):
    line = {"topic": message.topic, "qos": message.qos, "retain": message.retain}
    line["body"] = json.loads(message.payload)
    with open(file, "a") as lines:
        lines.write(json.dumps(line) + "\n")


client = mqtt.Client()
client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.connect("127.0.0.1", port)
client.loop_forever()
