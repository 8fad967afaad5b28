/** The debugger's end of a board's connection. */

import { once } from "node:events";
import { connect } from "node:net";
import { startXsbugServer } from "@dynreg/cli/internal/boards/xsbug-server";
import test from "ava";

test("what the engine notes of each throw is no line of the trace", async (t) => {
	const lines: string[] = [];
	const ended = new Promise<void>((resolve, reject) => {
		startXsbugServer({ onLine: (line) => lines.push(line), onClose: resolve }).then((server) => {
			const board = connect(server.port, "127.0.0.1", () =>
				board.end(
					'<xsbug><log>hello\n</log></xsbug><xsbug><log path="main.js" line="3"># Exception: throw!\n</log></xsbug>' +
						"<xsbug><log># Exception: mine\n</log></xsbug>",
				),
			);
			once(board, "close").then(() => server.close());
		}, reject);
	});
	await ended;
	t.deepEqual(lines, ["hello", "# Exception: mine"]);
});
