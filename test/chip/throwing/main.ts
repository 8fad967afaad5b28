/** Throws in callbacks of every kind that the SDK has, and says at the end that it is still there. */

import Debug from "debug";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { createHost, readConfiguration } from "dynreg/host";
import Net from "net";
import { Socket } from "socket";
import Timer from "timer";

const { http, mqtt, time }: RawConfiguration = readConfiguration();
const host = createHost();

const fail = (where: string): never => {
	throw new Error(`planted in ${where}`);
};

Timer.set(() => fail("a timer"));
let rounds = 0;
Timer.repeat((timer) => {
	if (++rounds === 2) Timer.clear(timer);
	fail(`a repeated timer, round ${rounds}`);
}, 100);

Net.resolve("localhost", () => fail("a lookup"));

const tcp = new Socket({ host: "127.0.0.1", port: Number(http) });
tcp.callback = (message) => {
	if (message === 1) tcp.write(ArrayBuffer.fromString("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
	if (message === 2) tcp.read(ArrayBuffer);
	fail(`a TCP socket, message ${message}`);
};

const udp = new Socket({ kind: "UDP" });
udp.callback = () => fail("a UDP socket");
const query = new Uint8Array(48);
query[0] = 0x23;
udp.write("127.0.0.1", Number(time), query.buffer);

host.timers.after(10, () => fail("a timer of the host"));
Promise.resolve().then(() => fail("a promise job"));
Promise.reject(new Error("planted in a rejection"));

const events = { message: () => fail("an MQTT message"), closed() {} };
const endpoint = { secure: false, host: "127.0.0.1", port: Number(mqtt), trust: [] };
const options = { endpoint, clientId: "c", username: "u", keepAlive: 60 };
host.mqtt.connect(options, events, 5000).then((connection) => {
	connection.subscribe("t");
	connection.publish("t", "a message");
});

// A rejection is found out when the promise is collected.
Timer.repeat(() => Debug.gc(), 200);
Timer.set(() => trace("still here\n"), 3000);
