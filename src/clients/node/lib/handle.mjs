// Something that holds a handle of the library until it is closed, at the latest by the collector.
import { inspect } from 'node:util';
import { InvalidArgument } from './errors.mjs';
import { plain } from './library.mjs';

// Runtimes that have no `using` yet may still get it from a compiler, by the same symbol.
Symbol.dispose ??= Symbol('Symbol.dispose');

const left = new FinalizationRegistry(({ free, number }) => plain[free](number));

export class Closable {
  #number;
  #what;
  #free;

  constructor(number, what, free) {
    this.#number = number;
    this.#what = what;
    this.#free = free;
    left.register(this, { free, number }, this);
  }

  /** The handle. Not for other programs. */
  get _number() {
    if (this.#number === null) throw new InvalidArgument(`the ${this.#what} is closed`);
    return this.#number;
  }

  /** May be called twice. */
  close() {
    if (this.#number === null) return;
    left.unregister(this);
    plain[this.#free](this.#number);
    this.#number = null;
  }

  [Symbol.dispose]() {
    this.close();
  }
  toString() {
    return `<${this.#what}>`;
  }
  toJSON() {
    return this.toString();
  }
  [inspect.custom]() {
    return this.toString();
  }
}
