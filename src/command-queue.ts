import type { Command, CommandSink } from "../modules/contracts/event.js";

/**
 * The last command given at the board, by button, console or application, until `boot` executes it.
 *
 * @example commands.post("register")
 */
export class CommandQueue implements CommandSink {
	private pending: Command | undefined;
	private listener: (() => void) | undefined;
	private closed = false;

	/** @returns whether the command will be executed: not after the application has closed its session */
	post(command: Command): boolean {
		// A pending erase is not replaced by another command.
		if (this.pending !== "erase") this.pending = command;
		this.listener?.();
		return !this.closed;
	}

	/** Removes and returns the pending command. */
	next(): Command | undefined {
		const command = this.pending;
		this.pending = undefined;
		return command;
	}

	/** Sets the listener, which is called for each command, and at once if one is pending. Replaces the previous listener. */
	onCommand(listener: (() => void) | undefined): void {
		this.listener = listener;
		if (this.pending !== undefined) listener?.();
	}

	/** From now on, no command is executed. */
	close(): void {
		this.closed = true;
		this.onCommand(undefined);
	}
}
