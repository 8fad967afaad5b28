import { scaledTime } from "@dynreg/node";
import { createHost } from "@dynreg/node/internal/host";
import test from "ava";
import { startOutboxBoard } from "./numbered.js";
import { checkOutbox } from "./outbox-run.js";

test("node: 1,000 messages arrive through ten lost sessions", (t) =>
	checkOutbox(t, {
		time: scaledTime(30),
		start({ configuration, onEvent, store, timeScale }) {
			const power = new AbortController();
			const host = createHost({ store, power: power.signal, timeScale, log: onEvent });
			startOutboxBoard(host, configuration);
			const exited = new Promise<{ killed: true; message: "" }>((resolve) => {
				power.signal.addEventListener("abort", () => resolve({ killed: true, message: "" }));
			});
			return { exited, kill: () => power.abort() };
		},
	}));
