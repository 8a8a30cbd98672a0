/// A store cannot keep or find what a binding asks it for: the disk is full, a file is damaged. Its description is one
/// sentence for whoever runs the store; bindings give it the form of their own errors.
package protocol StoreFailure: Error, CustomStringConvertible {}
