import { fileURLToPath } from "node:url";
import { scaledTime } from "@dynreg/node";
import { startBoard } from "@dynreg/xs/internal/board";
import test from "ava";
import { checkOutbox } from "./outbox-run.js";

const entry = fileURLToPath(new URL("./xs-board.js", import.meta.url));

test("xs: 1,000 messages arrive through ten lost sessions", (t) =>
	checkOutbox(t, { time: scaledTime(30), start: (options) => startBoard({ ...options, entry }) }));
