import NIOCore
import StaticAssets
import Synchronization

/// The bytes of a bundle's files in the form the sockets take, made when a file is first asked for and shared by all event
/// loops.
final class AssetBodies: Sendable {
    private let buffers = Mutex<[ObjectIdentifier: ByteBuffer]>([:])

    func buffer(of file: AssetFile) -> ByteBuffer { buffer(ObjectIdentifier(file)) { file.bytes } }

    func buffer(of file: PackedFile) -> ByteBuffer { buffer(ObjectIdentifier(file)) { file.bytes } }

    private func buffer(_ key: ObjectIdentifier, bytes: () -> [UInt8]) -> ByteBuffer {
        buffers.withLock { buffers in
            if let buffer = buffers[key] { return buffer }
            let buffer = ByteBuffer(bytes: bytes())
            buffers[key] = buffer
            return buffer
        }
    }
}
