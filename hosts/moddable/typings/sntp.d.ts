/** SDK modules/network/sntp/sntp.js; the SDK's typings lack `close`. */
declare module "sntp" {
	/** Keeps asking for 25 s. */
	export default class SNTP {
		static readonly time: 1;
		static readonly retry: 2;
		static readonly error: -1;
		/** @param callback gets, with `time`, seconds since 1970 with a fraction; the socket is closed by then */
		constructor(options: { host: string }, callback: (message: 1 | 2 | -1, value?: number) => void);
		/** @throws Error when it is closed already */
		close(): void;
	}
}
