/**
 * Loads the package of the XS engine. It is optional: without a C compiler npm leaves it out.
 *
 * @throws Error that says how to install it
 */
export async function loadXs(): Promise<typeof import("@dynreg/xs/internal/board")> {
	try {
		return await import("@dynreg/xs/internal/board");
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
		throw new Error(
			"The XS engine is not installed. Install a C compiler and make, then run npm install @dynreg/xs in a folder without a space in its path. Or run the board on Node: --host node",
			{ cause },
		);
	}
}
