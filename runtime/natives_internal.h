/*
 * What the native modules share: the state behind natives_init, streams, tables of functions.
 * Private to the natives of this folder.
 *
 * Threads: the state is written by natives_init only; streams lock themselves.
 */
#ifndef ADDER_RUNTIME_NATIVES_INTERNAL_H
#define ADDER_RUNTIME_NATIVES_INTERNAL_H

#include <pthread.h>

#include "runtime/abstract_internal.h"
#include "runtime/natives.h"

struct NativeState {
    Value streams[3];      /* the first sys.stdin, stdout, stderr: File */
    Value sys_dict;        /* of the module sys, owned */
    Value stream_names[3]; /* interned "stdin", "stdout", "stderr" */
};

/* A text stream over a file descriptor.  Output collects in `out`, which is written when full, at a
 * newline if line_buffered, and by flush.  Input is decoded from `in`.
 * Invariant: out_used <= out_capacity; in_start <= in_end <= in_capacity. */
typedef struct File {
    Object header;
    int fd;
    bool writable, line_buffered, write_through, escape_surrogates, closed;
    bool pending_cr; /* the last byte read was \r, given out as \n: a \n that follows is dropped */
    Value name, mode;
    char *out;
    size_t out_used, out_capacity;
    char *in;
    size_t in_start, in_end, in_capacity;
    pthread_mutex_t mutex; /* buffers; held across write(2) and read(2), by parked waiters only */
} File;

/* owns: new. name: borrowed str. The descriptor stays the caller's. */
Value file_new(Thread *th, int fd, bool writable, const char *name);
static inline bool value_is_file(Value v) { return value_has_type(v, TYPE_FILE); }
static inline File *value_file(Value v) { return (File *)value_object(v); }
/* fails: false, OSError / ValueError "I/O operation on closed file." / UnicodeEncodeError. */
bool file_write_bytes(Thread *th, File *f, const char *text, size_t length);
bool file_write_str(Thread *th, File *f, Value text);
bool file_flush(Thread *th, File *f);
/* One line with its \n; an empty str at the end. limit -1: none, else characters at most.
 * owns: new. fails: absent. */
Value file_read_line(Thread *th, File *f, int64_t limit);
/* The stream that sys.stdout / sys.stderr / sys.stdin is now (program may have replaced it).
 * owns: new. fails: absent, RuntimeError "lost sys.stdout". */
Value current_stream(Thread *th, int stream);

/* Tables, each ends with a NULL name. */
extern const NativeDef builtin_number_defs[];
extern const NativeDef builtin_sequence_defs[];
extern const NativeDef builtin_object_defs[];
extern const NativeDef builtin_io_defs[];
extern const NativeDef math_float_defs[];
extern const NativeDef math_number_defs[];
extern const NativeDef math_int_defs[];
extern const NativeDef time_defs[];
extern const NativeDef gc_defs[];
extern const NativeDef sys_defs[];
extern const NativeDef thread_defs[];

/* Modules. owns: new. */
Value sys_module_new(Thread *th, const NativeConfig *config);
Value math_module_new(Thread *th);
Value time_module_new(Thread *th);
Value thread_module_new(Thread *th);
Value gc_module_new(Thread *th);

/* A namespace object (sys.implementation, sys.flags): a type name for repr and ordered fields.
 * kind TYPE_NAMESPACE prints namespace(a=1), TYPE_STRUCT_SEQUENCE prints name(a=1) and is a sequence
 * of its first fields, too. */
typedef struct NamespaceField {
    const char *name;
    Value v; /* stolen */
} NamespaceField;
Value namespace_new(Thread *th, uint32_t type_id, const char *name, const NamespaceField *fields,
                    size_t count);

/* Iterators of builtins. owns: new. */
Value iterator_construct(Thread *th, uint32_t type_id, const Value *args, uint32_t nargs,
                         Value kwnames);
Value callable_iterator_new(Thread *th, Value callable, Value sentinel);
Value reversed_new(Thread *th, Value sequence);

#endif
