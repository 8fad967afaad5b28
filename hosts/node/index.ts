/** Boards in a Node process, for programs and tests. */

export { type Board, type BoardOptions, type Exit, startBoard } from "./board.js";
export { EventLog, type EventOf, type LogEntry, WaitError, type WaitOptions } from "./event-log.js";
export { type ScaledTimeOptions, scaledTime, type TimeSource } from "./time-source.js";
export { withBoard } from "./with-board.js";
