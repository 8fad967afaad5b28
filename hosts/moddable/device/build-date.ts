import type { Milliseconds } from "../../../modules/contracts/host.js";

/** No clock is right that reads less. UTC in milliseconds since 1970: a day before, wherever the image was built. */
export const buildDate = (): Milliseconds => {
	const text = compiled();
	const month = "JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(text.slice(0, 3)) / 3;
	return Date.UTC(Number(text.slice(7)), month, Number(text.slice(4, 6)) - 1);
};

/** In build-date.c: "Mmm dd yyyy", the day with a space or two digits. This shape, and no other, is what xsc makes a call of C. */
function compiled(this: unknown): string {
	return native("xs_dynreg_build_date").call(this) as string;
}
