/// An INFO-CODE of an Extended DNS Error (RFC 8914 §4; IANA "Extended DNS Error Codes").
package struct ExtendedErrorCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let other = ExtendedErrorCode(rawValue: 0)
    package static let staleAnswer = ExtendedErrorCode(rawValue: 3)
    package static let blocked = ExtendedErrorCode(rawValue: 15)
    package static let censored = ExtendedErrorCode(rawValue: 16)
    package static let filtered = ExtendedErrorCode(rawValue: 17)
    package static let prohibited = ExtendedErrorCode(rawValue: 18)
    package static let staleNXDOMAIN = ExtendedErrorCode(rawValue: 19)
    package static let notAuthoritative = ExtendedErrorCode(rawValue: 20)
    package static let notSupported = ExtendedErrorCode(rawValue: 21)
    package static let noReachableAuthority = ExtendedErrorCode(rawValue: 22)
    package static let networkError = ExtendedErrorCode(rawValue: 23)
}

extension AnswerWriter {
    /// OPTION-CODE, OPTION-LENGTH, INFO-CODE (RFC 8914 §2).
    private static let errorOctets = 6

    /// Says why the finished answer is as it is. Clients without EDNS are told nothing; a text that does not fit is left
    /// out, and so is the whole option: it is an addition to an answer that is complete without it.
    /// - Parameters:
    ///   - text: UTF-8 for people.
    ///   - textLimit: octets that the answer may have with the text.
    package mutating func appendError(
        _ code: ExtendedErrorCode, text: Span<UInt8>, textLimit: Int = .max, in message: inout MutableSpan<UInt8>
    ) {
        guard let start = roomForOption(octets: AnswerWriter.errorOctets) else { return }
        let whole = AnswerWriter.errorOctets + text.count
        let hasText = !text.isEmpty && start + whole <= textLimit && roomForOption(octets: whole) != nil
        message.store(EDNSOptionCode.extendedError, at: start)
        message.store(UInt16(2 + (hasText ? text.count : 0)), at: start + 2)
        message.store(code.rawValue, at: start + 4)
        if hasText { message.store(text, at: start + AnswerWriter.errorOctets) }
        countOption(octets: hasText ? whole : AnswerWriter.errorOctets, in: &message)
    }

    /// Adds whole options, as they stood in another message, to the OPT record of the finished answer; all or none.
    package mutating func appendOptions(_ options: Span<UInt8>, in message: inout MutableSpan<UInt8>) {
        guard !options.isEmpty, let start = roomForOption(octets: options.count) else { return }
        message.store(options, at: start)
        countOption(octets: options.count, in: &message)
    }
}

/// Where the Extended DNS Errors of a message are, each as a whole option: as many as somebody needs to hear of.
package struct ExtendedErrorRanges: Sendable {
    /// Octets of all of them together.
    package static let octetLimit = 256
    private static let maximumCount = 4

    private var ranges = InlineArray<4, Range<Int>>(repeating: 0..<0)
    package private(set) var count = 0
    package private(set) var octets = 0

    package subscript(index: Int) -> Range<Int> { ranges[index] }

    /// Reads the options of an OPT record. What can't be read ends them; those before it count.
    mutating func read(_ rdata: Range<Int>, of message: Span<UInt8>) {
        self = ExtendedErrorRanges()
        var offset = rdata.lowerBound
        while offset + 4 <= rdata.upperBound, count < ExtendedErrorRanges.maximumCount {
            let end = offset + 4 + Int(message.uint16(at: offset + 2))
            guard end <= rdata.upperBound else { return }
            let isError = message.uint16(at: offset) == EDNSOptionCode.extendedError && end - offset >= 6
            if isError, octets + end - offset <= ExtendedErrorRanges.octetLimit {
                ranges[count] = offset..<end
                count += 1
                octets += end - offset
            }
            offset = end
        }
    }
}
