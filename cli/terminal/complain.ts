import { styled } from "./styled.js";

/** What went wrong, for people. */
export function complain(message: string): void {
	process.stderr.write(`${styled(process.stderr, "red", "dynreg:")} ${message}\n`);
}
