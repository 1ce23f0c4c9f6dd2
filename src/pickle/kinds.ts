// Which whole numbers of a decoded pickle were floats: beside the values, never on them.

/** Where floats stood in one pickle. Hand it back to the encoder with the changed value. */
export class Kinds {}
