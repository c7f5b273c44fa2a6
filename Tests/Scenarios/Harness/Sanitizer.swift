import Foundation

/// A program built with a sanitizer (`make sanitize`): it is many times as slow, and its memory is the sanitizer's too.
enum Sanitizer {
    static let isOn = ProcessInfo.processInfo.environment["SEKISHO_SANITIZER"] != nil
    /// How many times as long things may take.
    static let slowness = isOn ? 8 : 1
}
