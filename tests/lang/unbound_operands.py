# Every place where an unbound local can be an operand: nothing to its right may run before it is found.
log = []


def y(v=1):
    log.append("y")
    return v


def check(name, f):
    log.clear()
    try:
        f()
    except (UnboundLocalError, NameError) as e:
        print(name, type(e).__name__, e, log)
    except Exception as e:
        print(name, "other", type(e).__name__, e, log)
    else:
        print(name, "no error", log)


def f_add():
    return x + y()
    x = 1


check('add', f_add)


def f_sub():
    return y() - x
    x = 1


check('sub', f_sub)


def f_addc():
    return x + 1
    x = 1


check('addc', f_addc)


def f_cadd():
    return 1 + x
    x = 1


check('cadd', f_cadd)


def f_mul():
    return x * y() * y()
    x = 1


check('mul', f_mul)


def f_pow():
    return x ** y()
    x = 1


check('pow', f_pow)


def f_matmul():
    return x @ y()
    x = 1


check('matmul', f_matmul)


def f_addx():
    return x + x
    x = 1


check('addx', f_addx)


def f_nested():
    return (x + 1) + y()
    x = 1


check('nested', f_nested)


def f_nested2():
    return y() + (x + y())
    x = 1


check('nested2', f_nested2)


def f_lt():
    return x < y()
    x = 1


check('lt', f_lt)


def f_ltr():
    return y() < x
    x = 1


check('ltr', f_ltr)


def f_chain():
    return x < y() < y()
    x = 1


check('chain', f_chain)


def f_chain2():
    return y() < x < y()
    x = 1


check('chain2', f_chain2)


def f_chain3():
    return y(1) < y(2) < x < y()
    x = 1


check('chain3', f_chain3)


def f_eq():
    return x == y()
    x = 1


check('eq', f_eq)


def f_isn():
    return x is y()
    x = 1


check('isn', f_isn)


def f_isnone():
    return x is None
    x = 1


check('isnone', f_isnone)


def f_notnone():
    return x is not None
    x = 1


check('notnone', f_notnone)


def f_inn():
    return x in y()
    x = 1


check('inn', f_inn)


def f_inr():
    return y() in x
    x = 1


check('inr', f_inr)


def f_notin():
    return x not in y()
    x = 1


check('notin', f_notin)


def f_neg():
    return -x
    x = 1


check('neg', f_neg)


def f_inv():
    return ~x
    x = 1


check('inv', f_inv)


def f_nott():
    return not x
    x = 1


check('nott', f_nott)


def f_pos():
    return +x
    x = 1


check('pos', f_pos)


def f_andd():
    return x and y()
    x = 1


check('andd', f_andd)


def f_orr():
    return x or y()
    x = 1


check('orr', f_orr)


def f_andr():
    return y() and x and y()
    x = 1


check('andr', f_andr)


def f_ife():
    return y() if x else y()
    x = 1


check('ife', f_ife)


def f_ifr():
    return x if y() else 1
    x = 1


check('ifr', f_ifr)


def f_sub1():
    return x[y()]
    x = 1


check('sub1', f_sub1)


def f_sub2():
    return y([1])[x]
    x = 1


check('sub2', f_sub2)


def f_sl():
    return x[y():y()]
    x = 1


check('sl', f_sl)


def f_sl2():
    return y([1])[x:y()]
    x = 1


check('sl2', f_sl2)


def f_sl3():
    return y([1])[y():x:y()]
    x = 1


check('sl3', f_sl3)


def f_sl4():
    return y([1])[y(0):y(0):x]
    x = 1


check('sl4', f_sl4)


def f_sl5():
    return y([1])[:x]
    x = 1


check('sl5', f_sl5)


def f_attr():
    return x.a
    x = 1


check('attr', f_attr)


def f_attrcall():
    return x.a(y())
    x = 1


check('attrcall', f_attrcall)


def f_meth():
    return x.append(y())
    x = 1


check('meth', f_meth)


def f_call():
    return x(y())
    x = 1


check('call', f_call)


def f_callarg():
    return y(x)
    x = 1


check('callarg', f_callarg)


def f_callarg2():
    return print(x, y())
    x = 1


check('callarg2', f_callarg2)


def f_callarg3():
    return print(y(), x, y())
    x = 1


check('callarg3', f_callarg3)


def f_callkw():
    return print(y(), sep=x, end=y())
    x = 1


check('callkw', f_callkw)


def f_callkw2():
    return x(a=y())
    x = 1


check('callkw2', f_callkw2)


def f_callstar():
    return x(*y([]))
    x = 1


check('callstar', f_callstar)


def f_callstar2():
    return print(*x, y())
    x = 1


check('callstar2', f_callstar2)


def f_callstar3():
    return print(y(), *x, *y())
    x = 1


check('callstar3', f_callstar3)


def f_callss():
    return print(**x)
    x = 1


check('callss', f_callss)


def f_callss2():
    return x(**y({}))
    x = 1


check('callss2', f_callss2)


def f_callss3():
    return dict(a=y(), **x, b=y())
    x = 1


check('callss3', f_callss3)


def f_methkw():
    return x.foo(a=y())
    x = 1


check('methkw', f_methkw)


def f_methstar():
    return x.foo(*y([]))
    x = 1


check('methstar', f_methstar)


def f_tup():
    return (x, y())
    x = 1


check('tup', f_tup)


def f_tupr():
    return (y(), x, y())
    x = 1


check('tupr', f_tupr)


def f_lst():
    return [x, y()]
    x = 1


check('lst', f_lst)


def f_lst2():
    return [y(), x, y()]
    x = 1


check('lst2', f_lst2)


def f_lstar():
    return [*x, y()]
    x = 1


check('lstar', f_lstar)


def f_lstar2():
    return [y(), *x, y()]
    x = 1


check('lstar2', f_lstar2)


def f_sett():
    return {x, y()}
    x = 1


check('sett', f_sett)


def f_sett2():
    return {y(), x, y(3)}
    x = 1


check('sett2', f_sett2)


def f_dct():
    return {x: y()}
    x = 1


check('dct', f_dct)


def f_dct2():
    return {y(): x, y(2): y()}
    x = 1


check('dct2', f_dct2)


def f_dctss():
    return {**x, y(): 1}
    x = 1


check('dctss', f_dctss)


def f_dctss2():
    return {y(): 1, **x, y(): 2}
    x = 1


check('dctss2', f_dctss2)


def f_fs():
    return f'{x}{y()}'
    x = 1


check('fs', f_fs)


def f_fs2():
    return f'{y()}{x}{y()}'
    x = 1


check('fs2', f_fs2)


def f_fs3():
    return f'{x:{y()}}'
    x = 1


check('fs3', f_fs3)


def f_fs4():
    return f'{y():{x}}'
    x = 1


check('fs4', f_fs4)


def f_fs5():
    return f'{x!r}{y()}'
    x = 1


check('fs5', f_fs5)


def f_fs6():
    return f'a{x}'
    x = 1


check('fs6', f_fs6)


def f_fs7():
    return f'{x}'
    x = 1


check('fs7', f_fs7)


def f_fs8():
    return f'{x=}'
    x = 1


check('fs8', f_fs8)


def f_lc():
    return [y() for i in x]
    x = 1


check('lc', f_lc)


def f_lc2():
    return [x for i in [1]]
    x = 1


check('lc2', f_lc2)


def f_lc3():
    return [y() for i in [1] if x]
    x = 1


check('lc3', f_lc3)


def f_dc():
    return {x: y() for i in [1]}
    x = 1


check('dc', f_dc)


def f_dc2():
    return {y(): x for i in [1]}
    x = 1


check('dc2', f_dc2)


def f_lc4():
    return [i + x for i in y([1])]
    x = 1


check('lc4', f_lc4)


def f_lc5():
    return [x + y() for i in [1]]
    x = 1


check('lc5', f_lc5)


def f_lc6():
    return [y() for i in [1] for j in x]
    x = 1


check('lc6', f_lc6)


def f_lam():
    return (lambda a=x: y())()
    x = 1


check('lam', f_lam)


def f_lam2():
    return (lambda: x)()
    x = 1


check('lam2', f_lam2)


def f_lam3():
    return (lambda: x + y())()
    x = 1


check('lam3', f_lam3)


def f_walrus():
    return (z := x) + y()
    x = 1


check('walrus', f_walrus)


def f_walrus2():
    return x + (x := y())
    x = 1


check('walrus2', f_walrus2)


def f_walrus3():
    return (x := y()) + x
    x = 1


check('walrus3', f_walrus3)


def f_pct():
    return x % y()
    x = 1


check('pct', f_pct)


def f_pct2():
    return '%s' % x
    x = 1


check('pct2', f_pct2)


def f_pct3():
    return '%s' % (x, y())
    x = 1


check('pct3', f_pct3)


def f_cond():
    return y() if x < y() else y()
    x = 1


check('cond', f_cond)


def f_big():
    return x + 10**20
    x = 1


check('big', f_big)


def f_fl():
    return x + 1.5
    x = 1


check('fl', f_fl)


def f_imm():
    return x < 5
    x = 1


check('imm', f_imm)


def f_strr():
    return x == "a"
    x = 1


check('strr', f_strr)


def f_addself():
    return x + y() + x
    x = 1


check('addself', f_addself)


def f_mix():
    return y() + x * y()
    x = 1


check('mix', f_mix)


def f_yesubscr():
    return y([[1]])[0][x]
    x = 1


check('yesubscr', f_yesubscr)


def f_deepattr():
    return x.a.b[y()]
    x = 1


check('deepattr', f_deepattr)


def f_callcall():
    return x(1)(y())
    x = 1


check('callcall', f_callcall)


def f_sub3():
    return x[0][y()]
    x = 1


check('sub3', f_sub3)


def f_sub4():
    return x[1, y()]
    x = 1


check('sub4', f_sub4)


def f_sub5():
    return y([1])[x, y()]
    x = 1


check('sub5', f_sub5)


def f_comp():
    return x == y() == x
    x = 1


check('comp', f_comp)


def f_ret():
    return x
    x = 1


check('ret', f_ret)


def f_ret2():
    return x, y()
    x = 1


check('ret2', f_ret2)


def f_asg():
    z = x
    x = 1


check('asg', f_asg)


def f_asg2():
    z = w = x
    x = 1


check('asg2', f_asg2)


def f_un():
    a, b = x
    x = 1


check('un', f_un)


def f_un2():
    a, *b = x
    x = 1


check('un2', f_un2)


def f_swap():
    a, b = x, y()
    x = 1


check('swap', f_swap)


def f_swap2():
    a, b = y(), x
    x = 1


check('swap2', f_swap2)


def f_setitem():
    x[y()] = 1
    x = 1


check('setitem', f_setitem)


def f_setitem2():
    y([1])[x] = 1
    x = 1


check('setitem2', f_setitem2)


def f_setitem3():
    y([1])[y(0)] = x
    x = 1


check('setitem3', f_setitem3)


def f_setitem4():
    x[y()] = y()
    x = 1


check('setitem4', f_setitem4)


def f_setitem5():
    y([1])[x] = y()
    x = 1


check('setitem5', f_setitem5)


def f_setitem6():
    y([1])[x:y()] = y([])
    x = 1


check('setitem6', f_setitem6)


def f_setitem7():
    x[0] = x
    x = 1


check('setitem7', f_setitem7)


def f_setattr_():
    x.a = y()
    x = 1


check('setattr_', f_setattr_)


def f_setattr2():
    y().a = x
    x = 1


check('setattr2', f_setattr2)


def f_setitem8():
    x[0] = 1
    x = 1


check('setitem8', f_setitem8)


def f_setitem9():
    y([1,2])[0], x[0] = y((1,2))
    x = 1


check('setitem9', f_setitem9)


def f_setitem10():
    x[0], z = y((1,2))
    x = 1


check('setitem10', f_setitem10)


def f_star():
    *x[0], z = y((1,2))
    x = 1


check('star', f_star)


def f_delitem():
    del x[y()]
    x = 1


check('delitem', f_delitem)


def f_delitem2():
    del y([1])[x]
    x = 1


check('delitem2', f_delitem2)


def f_delattr_():
    del x.a
    x = 1


check('delattr_', f_delattr_)


def f_dell():
    del x
    x = 1


check('dell', f_dell)


def f_delslice():
    del x[y():]
    x = 1


check('delslice', f_delslice)


def f_del2():
    del z, x
    x = 1


check('del2', f_del2)


def f_del3():
    z = 1; del z, x; y()
    x = 1


check('del3', f_del3)


def f_aug():
    x += y()
    x = 1


check('aug', f_aug)


def f_aug1():
    x += 1
    x = 1


check('aug1', f_aug1)


def f_augf():
    x += 1.5
    x = 1


check('augf', f_augf)


def f_augs():
    x += "a"
    x = 1


check('augs', f_augs)


def f_augr():
    z = 1; z += x
    x = 1


check('augr', f_augr)


def f_augit():
    x[y()] += y()
    x = 1


check('augit', f_augit)


def f_augit2():
    y([1])[x] += y()
    x = 1


check('augit2', f_augit2)


def f_augit3():
    y([1])[y(0)] += x
    x = 1


check('augit3', f_augit3)


def f_augattr():
    x.a += y()
    x = 1


check('augattr', f_augattr)


def f_augattr2():
    y().a += x
    x = 1


check('augattr2', f_augattr2)


def f_augpow():
    x **= y()
    x = 1


check('augpow', f_augpow)


def f_augx():
    x += x
    x = 1


check('augx', f_augx)


def f_augsl():
    x[y():y()] += y()
    x = 1


check('augsl', f_augsl)


def f_augsl2():
    y([1])[x:] += y()
    x = 1


check('augsl2', f_augsl2)


def f_forr():
    for i in x: y()
    x = 1


check('forr', f_forr)


def f_forr2():
    for x[0] in [y()]: pass
    x = 1


check('forr2', f_forr2)


def f_forr3():
    for i in range(x): y()
    x = 1


check('forr3', f_forr3)


def f_forr4():
    for i in range(y(), x): y()
    x = 1


check('forr4', f_forr4)


def f_forr5():
    for y([1])[x] in [1]: pass
    x = 1


check('forr5', f_forr5)


def f_forr6():
    for i in enumerate(x): pass
    x = 1


check('forr6', f_forr6)


def f_whil():
    while x: y()
    x = 1


check('whil', f_whil)


def f_whil2():
    while x < y(): y()
    x = 1


check('whil2', f_whil2)


def f_whil3():
    while y() < x: y()
    x = 1


check('whil3', f_whil3)


def f_whil4():
    while not x: y()
    x = 1


check('whil4', f_whil4)


def f_iff():
    if x: y()
    x = 1


check('iff', f_iff)


def f_iff2():
    if not x: y()
    x = 1


check('iff2', f_iff2)


def f_iff3():
    if x < y(): y()
    x = 1


check('iff3', f_iff3)


def f_iff4():
    if x is None: y()
    x = 1


check('iff4', f_iff4)


def f_iff5():
    if x in y(): pass
    x = 1


check('iff5', f_iff5)


def f_iff6():
    if x and y(): pass
    x = 1


check('iff6', f_iff6)


def f_iff7():
    if y() or x: pass
    x = 1


check('iff7', f_iff7)


def f_iff8():
    if y(0) or x: pass
    x = 1


check('iff8', f_iff8)


def f_iff9():
    if x == 1: pass
    x = 1


check('iff9', f_iff9)


def f_iff10():
    if 1 < x: pass
    x = 1


check('iff10', f_iff10)


def f_iff11():
    if 1 < x < y(): pass
    x = 1


check('iff11', f_iff11)


def f_ass():
    assert x, y()
    x = 1


check('ass', f_ass)


def f_ass2():
    assert y(0), x
    x = 1


check('ass2', f_ass2)


def f_rais():
    raise x
    x = 1


check('rais', f_rais)


def f_rais2():
    raise x from y()
    x = 1


check('rais2', f_rais2)


def f_rais3():
    raise ValueError from x
    x = 1


check('rais3', f_rais3)


def f_rais4():
    raise ValueError(x) from y()
    x = 1


check('rais4', f_rais4)


def f_tryy():
    try: x
    finally: y()
    x = 1


check('tryy', f_tryy)


def f_tryy2():
    try: y() + [1]
    except x: y()
    x = 1


check('tryy2', f_tryy2)


def f_tryy3():
    try: y() + [1]
    except (ValueError, x): y()
    x = 1


check('tryy3', f_tryy3)


def f_exprs():
    x
    x = 1


check('exprs', f_exprs)


def f_exprs2():
    y(); x; y()
    x = 1


check('exprs2', f_exprs2)


def f_deff():
    def g(a=x, b=y()): pass
    x = 1


check('deff', f_deff)


def f_deff2():
    def g(a, *, b=x, c=y()): pass
    x = 1


check('deff2', f_deff2)


def f_deff3():
    def g(a: x, b: y()): pass
    x = 1


check('deff3', f_deff3)


def f_deff4():
    def g(a=y()) -> x: pass
    x = 1


check('deff4', f_deff4)


def f_deco():
    def d(f): return f
    @x
    @y
    def g(): pass
    x = 1


check('deco', f_deco)


def f_deco2():
    @y
    @x
    def g(): pass
    x = 1


check('deco2', f_deco2)


def f_imp():
    import sys as z; z.a = x
    x = 1


check('imp', f_imp)


def f_glob():
    global gx; gx = x
    x = 1


check('glob', f_glob)


def f_glob2():
    global gx2; gx2 += y()
    x = 1


check('glob2', f_glob2)


def f_glob3():
    gx3 + y()
    x = 1


check('glob3', f_glob3)


def f_glob4():
    y() + gx3
    x = 1


check('glob4', f_glob4)


def f_glob5():
    gx3[y()] = 1
    x = 1


check('glob5', f_glob5)


def f_glob6():
    gx3(y())
    x = 1


check('glob6', f_glob6)


def f_glob7():
    f'{y()}{gx3}{y()}'
    x = 1


check('glob7', f_glob7)


def f_glob8():
    gx3 < y() < y()
    x = 1


check('glob8', f_glob8)


def f_glob9():
    del gx3
    x = 1


check('glob9', f_glob9)


def f_glob10():
    gx3[y()] += y()
    x = 1


check('glob10', f_glob10)


def f_exc():
    try: y() + []
    except Exception as x: pass
    x + y()
    x = 1


check('exc', f_exc)


def f_exc2():
    try: y() + []
    except Exception as x: pass
    y() + x
    x = 1


check('exc2', f_exc2)


def f_del4():
    x = 1; del x; x + y()
    x = 1


check('del4', f_del4)


def f_del5():
    x = 1; del x
    for i in [1]: x + y()
    x = 1


check('del5', f_del5)


def f_cond1():
    if y(0): x = 1
    x + y()
    x = 1


check('cond1', f_cond1)


def f_cond2():
    for x in y([]): pass
    x + y()
    x = 1


check('cond2', f_cond2)


def f_cond3():
    while y(0): x = 1
    return x * y()
    x = 1


check('cond3', f_cond3)


def f_cell():
    def g(): return x
    x + y()
    x = 1


check('cell', f_cell)


def f_cell2():
    def g(): return x
    y() + x
    x = 1


check('cell2', f_cell2)


def f_cell3():
    def g(): return x
    x += y()
    x = 1


check('cell3', f_cell3)


def f_cell4():
    def g(): return x
    return g() + y()
    x = 1


check('cell4', f_cell4)


def f_cell5():
    def g(): return x + y()
    g()
    x = 1


check('cell5', f_cell5)


def f_cell6():
    def g(): x[y()] = y()
    g()
    x = 1


check('cell6', f_cell6)


def f_cell7():
    def g(): x(y())
    g()
    x = 1


check('cell7', f_cell7)


def f_cell8():
    def g():
     nonlocal x
     x += y()
    g()
    x = 1


check('cell8', f_cell8)


def f_cell9():
    def g(): del x
    g()
    x = 1


check('cell9', f_cell9)


def f_cell10():
    def g():
     nonlocal x
     del x
    g()
    x = 1


check('cell10', f_cell10)


def f_cell11():
    def g(): return x
    x[y()] = y()
    x = 1


check('cell11', f_cell11)


def f_cell12():
    def g(): return x
    x(y())
    x = 1


check('cell12', f_cell12)


def f_cell13():
    def g(): return x
    x < y() < 1
    x = 1


check('cell13', f_cell13)


def f_cell14():
    def g(): return x
    return f'{x}{y()}'
    x = 1


check('cell14', f_cell14)


def f_cell15():
    def g(): return x
    for i in x: y()
    x = 1


check('cell15', f_cell15)


def f_cell16():
    def g(): return x
    return [x, y()]
    x = 1


check('cell16', f_cell16)


def f_cell17():
    def g(): return x
    del x
    x = 1


check('cell17', f_cell17)


def f_cell18():
    def g(): return x
    x.a(y())
    x = 1


check('cell18', f_cell18)


def f_annl():
    z: x = y()
    x = 1


check('annl', f_annl)


def f_annl2():
    x: y() = y()
    x = 1


check('annl2', f_annl2)


def f_annl3():
    x: int
    x + y()
    x = 1


check('annl3', f_annl3)


def f_annl4():
    x[y()]: int = y()
    x = 1


check('annl4', f_annl4)


def f_ann5():
    x.a: int = y()
    x = 1


check('ann5', f_ann5)
def f():
    def g(): return x
    return [x for i in [1]]
    x = 1
try: f()
except NameError as e: print(type(e).__name__, e)
def f():
    def g(): return x
    return [i for i in x]
    x = 1
try: f()
except NameError as e: print(type(e).__name__, e)
def f():
    return [i for i in [1] for j in [2] if k for k in [3]]
try: f()
except NameError as e: print(type(e).__name__, e)
def f():
    return [[lambda: i for i in [1]] for j in [2] if k for k in [x]]
    x = 1
try: f()
except NameError as e: print(type(e).__name__, e)
def f():
    return [lambda: k for i in [1] for j in [2] if k for k in [3]]
try: f()
except NameError as e: print(type(e).__name__, e)
def f():
    return [[x for i in [1]] for j in [2]]
    x = 1
try: f()
except NameError as e: print(type(e).__name__, e)
def f():
    return [[i for i in x] for j in [2]]
    x = 1
try: f()
except NameError as e: print(type(e).__name__, e)
def f():
    return [[j for i in j] for j in x]
    x = 1
try: f()
except NameError as e: print(type(e).__name__, e)
