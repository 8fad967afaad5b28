import type { Board } from "./board.js";

/** What is told when the board has ended: an `EventLog`. */
interface Endable {
	end(reason: string): void;
}

/**
 * Switches a board on for some work, and off when the work is done or has failed.
 *
 * @param log ends with the board, so that nobody waits for an event of a board that is gone
 * @param start switches it on, with `log.append` among its listeners
 * @throws what `start` or the work throws
 *
 * @example
 * const log = new EventLog();
 * await withBoard(log, () => startBoard({ configuration, onEvent: log.append }), () => log.waitFor("online"));
 */
export async function withBoard<B extends Board, T>(
	log: Endable,
	start: () => B | Promise<B>,
	work: (board: B) => T | Promise<T>,
): Promise<T> {
	const board = await start();
	board.exited.then(({ killed, message }) =>
		log.end(killed ? "the board was switched off" : message || "the firmware has ended by itself"),
	);
	try {
		return await work(board);
	} finally {
		board.kill();
		await board.exited;
	}
}
