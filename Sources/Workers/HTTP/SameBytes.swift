extension String {
    /// `==` takes two spellings of a character for the same: `é` in one scalar and in two, `K` and the Kelvin sign. What
    /// clients send is compared as every other program compares it, or a name would find what was stored under another.
    func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
