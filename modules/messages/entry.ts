/** What one error code means. For the desk: no image links this. */

/** What happened, with the likely cause, and what to do. In capitals: values of the failure. */
export type Message = readonly [happened: string, advice?: string];

export interface Entry {
	/** Where on its way a device meets it. */
	readonly where: string;
	/**
	 * By the failure's `reason`, its `cloud` and number, its `cloud`, or its number; `server`: of a connection to one. The
	 * empty key is for every other failure with this code.
	 */
	readonly messages: Readonly<Record<string, Message>>;
	/** What else there is to know. */
	readonly note?: string;
}

/** How the catalogue begins the sentence of every refused registration. */
export const refusal = "The platform refused the registration (REFUSAL)";
