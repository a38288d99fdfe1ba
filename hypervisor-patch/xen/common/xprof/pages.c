/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages shared with the control domain, and how they come back.
 *
 * Rings are single xenheap pages joined by vmap(), the data part twice in a
 * row.  A page is shared by making DOMID_XEN its owner.  To get it back the
 * allocation reference is dropped; when no mapping holds another one the page
 * is freed with its owner still set (that is what makes the allocator flush
 * stale TLB entries before reuse).  A page that is still mapped waits: its
 * session becomes a zombie, which the next operation sweeps.
 */
#include <xen/list.h>
#include <xen/mm.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>

#include <xen/xprof/session.h>

static LIST_HEAD(zombies);

static struct page_info *page_create(unsigned int cpu, bool writable)
{
    nodeid_t node = cpu_to_node(cpu);
    void *va = alloc_xenheap_pages(0, node != NUMA_NO_NODE ? MEMF_node(node)
                                                           : 0);
    struct page_info *page;

    if ( !va )
        return NULL;

    clear_page(va);
    page = virt_to_page(va);
    share_xen_page_with_privileged_guests(page,
                                          writable ? SHARE_rw : SHARE_ro);

    return page;
}

/* Drops our hold on a page. True: it was freed. */
static bool page_release(struct page_info *page)
{
    put_page_alloc_ref(page);

    if ( page->count_info & PGC_count_mask )
        return false;

    free_xenheap_page(page_to_virt(page));

    return true;
}

/* Frees what can be freed of a row of pages; freed ones become NULL. */
static unsigned int pages_sweep(struct page_info **pages, unsigned int nr)
{
    unsigned int i, held = 0;

    for ( i = 0; pages && i < nr; i++ )
        if ( pages[i] )
        {
            if ( page_release(pages[i]) )
                pages[i] = NULL;
            else
                held++;
        }

    return held;
}

static int ring_map(struct xprof_cpu *c, unsigned int nr_data)
{
    mfn_t *mfns = xmalloc_array(mfn_t, 2 * nr_data);
    unsigned int i;

    if ( !mfns )
        return -ENOMEM;

    for ( i = 0; i < 2 * nr_data; i++ )
        mfns[i] = page_to_mfn(c->pages[1 + i % nr_data]);
    c->mapping = vmap(mfns, 2 * nr_data);
    xfree(mfns);

    return c->mapping ? 0 : -ENOMEM;
}

static void ring_init(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_ctl_slot *slots =
        page_to_virt(s->ctl[c->cpu / XPROF_CTL_SLOTS]);
    struct xprof_ring *r = &c->records.ring;

    r->header = page_to_virt(c->pages[0]);
    r->header->magic = XPROF_MAGIC;
    r->header->abi = XPROF_ABI_VERSION;
    r->header->cpu = c->cpu;
    r->header->size = s->ring_bytes;
    r->data = c->mapping;
    r->cons_slot = &slots[c->cpu % XPROF_CTL_SLOTS].cons;
    r->size = s->ring_bytes;
    xprof_ring_set_limit(r);
    xprof_ring_show(r);
}

static void cpu_free(struct xprof_cpu *c)
{
    xprof_pmu_cpu_free(c);
    xprof_stacks_free(c);
    xfree(c->pages);
    xfree(c);
}

int xprof_ctl_create(struct xprof_session *s, unsigned int page)
{
    if ( !s->ctl[page] )
        s->ctl[page] = page_create(0, true);

    return s->ctl[page] ? 0 : -ENOMEM;
}

int xprof_ring_create(struct xprof_session *s, unsigned int cpu)
{
    unsigned int i, nr_data = s->ring_bytes / PAGE_SIZE;
    struct xprof_cpu *c;
    int rc = xprof_ctl_create(s, cpu / XPROF_CTL_SLOTS);

    if ( rc || s->cpu[cpu] )
        return rc;

    c = xzalloc(struct xprof_cpu);
    if ( !c )
        return -ENOMEM;
    c->cpu = cpu;
    c->nr_pages = 1 + nr_data;
    c->pages = xzalloc_array(struct page_info *, c->nr_pages);
    rc = c->pages ? 0 : -ENOMEM;

    for ( i = 0; !rc && i < c->nr_pages; i++ )
        if ( !(c->pages[i] = page_create(cpu, false)) )
            rc = -ENOMEM;
    if ( !rc )
        rc = ring_map(c, nr_data);
    if ( !rc )
        rc = xprof_pmu_cpu_create(s, c);
    if ( !rc )
        rc = xprof_stacks_create(s, c);

    if ( rc )
    {
        /* Nobody was told of the pages yet, so all of them come back now. */
        pages_sweep(c->pages, c->pages ? c->nr_pages : 0);
        cpu_free(c);
        return rc;
    }

    ring_init(s, c);
    smp_wmb(); /* The handler of a CPU that comes online finds all of it. */
    s->cpu[cpu] = c;

    return 0;
}

bool xprof_pages_release(struct xprof_session *s)
{
    unsigned int i, held = pages_sweep(s->ctl, s->nr_ctl);

    for ( i = 0; i < s->nr_cpus; i++ )
    {
        struct xprof_cpu *c = s->cpu[i];
        unsigned int held_here;

        if ( !c )
            continue;
        if ( c->mapping )
        {
            vunmap(c->mapping);
            c->mapping = NULL;
        }

        held_here = pages_sweep(c->pages, c->nr_pages);
        held += held_here;
        if ( !held_here )
        {
            cpu_free(c);
            s->cpu[i] = NULL;
        }
    }

    if ( held )
        return false;

    xfree(s->cpu);
    xfree(s->ctl);
    xfree(s);

    return true;
}

void xprof_zombie_add(struct xprof_session *s)
{
    list_add_tail(&s->zombie, &zombies);
}

static unsigned int session_held(const struct xprof_session *s)
{
    unsigned int i, j, held = 0;

    for ( i = 0; i < s->nr_ctl; i++ )
        held += !!s->ctl[i];
    for ( i = 0; i < s->nr_cpus; i++ )
        for ( j = 0; s->cpu[i] && j < s->cpu[i]->nr_pages; j++ )
            held += !!s->cpu[i]->pages[j];

    return held;
}

unsigned int xprof_zombies(void)
{
    struct xprof_session *s, *next;
    unsigned int held = 0;

    list_for_each_entry_safe ( s, next, &zombies, zombie )
    {
        list_del(&s->zombie);
        if ( xprof_pages_release(s) )
            continue;
        list_add(&s->zombie, &zombies);
        held += session_held(s);
    }

    return held;
}

bool xprof_have_zombies(void)
{
    return !list_empty(&zombies);
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
