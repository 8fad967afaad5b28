import Digital from "pins/digital";
import type { Input, Output } from "./pin.js";

/** @throws Error if there is no such pin */
export const openInput = (pin: number): Input => new Digital(pin, Digital.InputPullUp) as Input & Digital;

/** @throws Error if there is no such pin */
export const openOutput = (pin: number): Output => new Digital(pin, Digital.Output) as Output & Digital;
