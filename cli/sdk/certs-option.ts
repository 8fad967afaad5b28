import { text } from "../command-line/option.js";

/** Of each command that needs root certificates which no public store has. */
export const certsOption = text("FOLDER", "search private root certificates (docs/trust.md) here first", {
	otherwise: "certs/ beside the application, then the library's",
});
