import type { BoardEvent } from "../../../modules/contracts/event.js";

/** One line of JSON on the serial line, or in the debugger of a debug build. */
export const log = (event: BoardEvent): void => {
	trace(`${JSON.stringify(event)}\n`);
};
