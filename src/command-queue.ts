import type { Order, OrderTaker } from "../modules/contracts/event.js";

/** What somebody at the board asks for, from a button or a console, kept until `boot` can do it. */
export class Orders implements OrderTaker {
	private given: Order | undefined;
	private hear: (() => void) | undefined;
	private closed = false;

	/** @returns whether anybody will do it: not once the application has closed its session */
	give(order: Order): boolean {
		// What is to be erased stays so, whatever is asked for before it is.
		if (this.given !== "erase") this.given = order;
		this.hear?.();
		return !this.closed;
	}

	/** What has been asked for, once. */
	takeOrder(): Order | undefined {
		const given = this.given;
		this.given = undefined;
		return given;
	}

	/** Calls this when something is asked for, or at once if it has been; instead of what it called before. */
	listen(hear: (() => void) | undefined): void {
		this.hear = hear;
		if (this.given !== undefined) hear?.();
	}

	/** Nobody will do anything any more. */
	close(): void {
		this.closed = true;
		this.listen(undefined);
	}
}
