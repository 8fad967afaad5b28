/** The pins of button and LED: types only. */

export interface Input {
	/** 0 while a button between the pin and ground is pressed. */
	read(): number;
	close(): void;
}

export interface Output {
	write(value: 0 | 1): void;
	/** Releases the pin. */
	close(): void;
}
