/*
 * LLVM's part of stencilgen: bitcode to assembly text, assembly text to an object, bytes to text.
 *
 * Only libLLVM's C API.  The immediate holes are symbols; without a declared range LLVM would take
 * their values for unsigned 32-bit addresses, so each gets `absolute_symbol` metadata for int32.
 */
#include <llvm-c/BitReader.h>
#include <llvm-c/Core.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <string.h>

#include "tools/stencilgen/stencilgen.h"

static const char triple[] = "x86_64-pc-linux-gnu";

static LLVMTargetMachineRef machine(const char *features)
{
    static bool initialised;
    if (!initialised) {
        LLVMInitializeX86TargetInfo();
        LLVMInitializeX86Target();
        LLVMInitializeX86TargetMC();
        LLVMInitializeX86AsmPrinter();
        LLVMInitializeX86AsmParser();
        LLVMInitializeX86Disassembler();
        initialised = true;
    }
    LLVMTargetRef target;
    char *error = NULL;
    if (LLVMGetTargetFromTriple(triple, &target, &error)) {
        sg_fail("no x86-64 target in this LLVM: %s", error);
    }
    return LLVMCreateTargetMachine(target, triple, "x86-64", features, LLVMCodeGenLevelDefault,
                                   LLVMRelocStatic, LLVMCodeModelSmall);
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *context)
{
    (void)context;
    if (LLVMGetDiagInfoSeverity(info) == LLVMDSError) {
        sg_fail("LLVM: %s", LLVMGetDiagInfoDescription(info));
    }
}

static LLVMContextRef context_new(void)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(context, on_diagnostic, NULL);
    return context;
}

static void declare_ranges(LLVMContextRef context, LLVMModuleRef module)
{
    static const char *const names[] = {"H_k0", "H_m0", "H_b0", "H_s0", "H_e0"};
    LLVMTypeRef i64 = LLVMInt64TypeInContext(context);
    LLVMMetadataRef range[2] = {
        LLVMValueAsMetadata(LLVMConstInt(i64, (unsigned long long)INT64_C(-0x80000000), 1)),
        LLVMValueAsMetadata(LLVMConstInt(i64, 0x80000000u, 0)),
    };
    unsigned kind = LLVMGetMDKindIDInContext(context, "absolute_symbol", 15);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        LLVMValueRef global = LLVMGetNamedGlobal(module, names[i]);
        if (global != NULL) {
            LLVMGlobalSetMetadata(global, kind, LLVMMDNodeInContext2(context, range, 2));
        }
    }
}

char *sg_bitcode_to_assembly(const char *path, const char *features)
{
    LLVMTargetMachineRef target = machine(features);
    LLVMContextRef context = context_new();
    LLVMMemoryBufferRef buffer;
    char *error = NULL;
    if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &error)) {
        sg_fail("%s: %s", path, error);
    }
    LLVMModuleRef module;
    if (LLVMParseBitcodeInContext2(context, buffer, &module)) {
        sg_fail("%s: not bitcode of this LLVM", path);
    }
    declare_ranges(context, module);
    LLVMMemoryBufferRef text;
    if (LLVMTargetMachineEmitToMemoryBuffer(target, module, LLVMAssemblyFile, &error, &text)) {
        sg_fail("%s: %s", path, error);
    }
    return sg_printf("%.*s", (int)LLVMGetBufferSize(text), LLVMGetBufferStart(text));
}

uint8_t *sg_assemble(const char *source, size_t length, size_t *size_bytes)
{
    LLVMTargetMachineRef target = machine("+avx,+bmi2,+sse4.1");
    LLVMContextRef context = context_new();
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("variants", context);
    LLVMSetTarget(module, triple);
    LLVMSetModuleInlineAsm2(module, source, length);
    LLVMMemoryBufferRef object;
    char *error = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(target, module, LLVMObjectFile, &error, &object)) {
        sg_fail("assembling the variants: %s", error);
    }
    *size_bytes = LLVMGetBufferSize(object);
    uint8_t *copy = sg_alloc(*size_bytes);
    memcpy(copy, LLVMGetBufferStart(object), *size_bytes);
    return copy;
}

size_t sg_disassemble(const uint8_t *code, size_t length, uint64_t address, char *text, size_t size)
{
    static LLVMDisasmContextRef context;
    if (context == NULL) {
        machine("");
        context = LLVMCreateDisasm(triple, NULL, 0, NULL, NULL);
    }
    uint8_t copy[16];
    size_t n = length < sizeof copy ? length : sizeof copy;
    memcpy(copy, code, n);
    return LLVMDisasmInstruction(context, copy, n, address, text, size);
}
