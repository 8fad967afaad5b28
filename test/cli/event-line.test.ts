import { eventLine } from "@dynreg/cli/internal/boards/event-line";
import test from "ava";

test("an event's name is in a column of its own, and apart from the rest if it is longer", (t) => {
	const line = (event: Parameters<typeof eventLine>[0]) => eventLine(event).slice("00:00:00.000 ".length);
	t.is(line({ event: "boot", device: "a/b/c" }), "boot        a/b/c");
	t.is(line({ event: "registering", device: "a/b/c", endpoint: "d:1" }), "registering a/b/c at d:1");
	t.is(line({ event: "command-received", command: "now" }), "command-received now");
});

test("what happens in set-up mode, in words", (t) => {
	const line = (event: Parameters<typeof eventLine>[0]) => eventLine(event).slice("00:00:00.000 ".length);
	t.is(
		line({ event: "setup", state: "open", reason: "no-network", network: "LAMP-c020", page: "http://192.168.4.1/" }),
		"setup       access point LAMP-c020 is open since the board has no network; page http://192.168.4.1/",
	);
	t.is(line({ event: "setup", state: "joining" }), "setup       the entered network is tried");
	t.is(
		line({ event: "setup", state: "failed", reason: "wrong-password" }),
		"setup       the entered network was not joined: wrong-password",
	);
	t.is(line({ event: "setup", state: "stored" }), "setup       the entered network is stored");
	t.is(line({ event: "setup", state: "closed" }), "setup       the access point is closed");
	t.is(line({ event: "setup", state: "forgotten" }), "setup       the stored networks are erased");
});

test("the state of a board with set-up mode names where its network is from", (t) => {
	const line = eventLine({ event: "state", doing: "online", since: 5, network: "stored" });
	t.regex(line, /no credential in flash; Wi-Fi network: stored$/);
});
