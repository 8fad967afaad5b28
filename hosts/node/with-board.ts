import type { Board } from "./board.js";

/** Ended with the board: an `EventLog`. */
interface Endable {
	end(reason: string): void;
}

/**
 * Powers on a board for some work, and off when the work is done or has failed.
 *
 * @param log ends with the board, so that waits for its events fail
 * @param start powers the board on, with `log.append` among its listeners
 * @throws any error of `start` or the work
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
		log.end(killed ? "The board was switched off." : message || "The firmware ended."),
	);
	try {
		return await work(board);
	} finally {
		board.kill();
		await board.exited;
	}
}
